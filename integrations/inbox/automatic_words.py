"""How answering machines speak, in the languages that mail programs are delivered in.

Patterns in small letters, read without accents like the letters themselves; hence no escape in capitals. Each part
that may be anything is short, so that no text keeps a search busy.
"""

from __future__ import annotations

MACHINES = (
    r"(?:out of office )?auto(?:matic|mated|matische|matisch|matiskt|matisk)?[- ]?(?:reply|response|answer|antwort|antwoord"
    r"|svar|vastaus|beantwoording)\s?(?:[:：]|$)",
    r"auto:.{0,80}\bis out of (?:the )?office|abwesenheits(?:notiz|nachricht|assistent)\s?(?:[:：]|$)",
    r"(?:reponse automatique|respuesta automatica|resposta automatica|risposta automatica|erantzun automatikoa"
    r"|automaattinen vastaus|automaatvastus|sjalfvirkt svar|odpowiedz automatyczna|automatyczna odpowiedz"
    r"|automaticka odpoved|odpoved automaticka|samodejni odgovor|automatski odgovor|automatikus valasz|raspuns automat"
    r"|otomatik yanıt|automatinis atsakymas|automatiska atbilde|balasan (?:otomatis|automatik)|(?:thu )?tra loi tu đong"
    r"|αυτοματη απαντηση|автоматический ответ|автоответ|автоматична відповідь|автоматичен отговор|аутоматски одговор"
    r"|accuse de reception automatique)\s?(?:[:：]|$)",
    r"(?:自動応答|自動返信|自動回[覆复]|自动(?:回[复覆]|答[复覆])|자동 ?(?:응답|회신|답장))\s?(?:[:：]|$)",
    r"(?:תשובה אוטומטית|מענה אוטומטי|رد تلقائي|ตอบกลับอัตโนมัติ|การตอบกลับอัตโนมัติ|स्वचालित (?:उत्तर|जवाब))\s?(?:[:：]|$)",
)
"""How a subject begins that no person types: these words, and after a colon the subject that is answered."""
NOTICES = (
    r"out[- ]of[- ](?:the[- ])?office|ooo\b|not in the office|away from (?:my|the) (?:desk|office)|(?:vacation|holiday) notice"
    r"|on (?:vacation|holiday|(?:annual |parental )?leave)\b|(?:[\w.'-]{1,30} ){1,4}is (?:currently )?out of (?:the )?office",
    r"abwesen|ausser haus|(?:ich bin )?(?:derzeit |zurzeit )?nicht im (?:buro|haus)|im urlaub",
    r"absence du bureau|absente? (?:du bureau|jusqu)|absence ?:|message d.absence|fuera de (?:la )?oficina|ausente\b"
    r"|fora do escritorio|ausencia\s?(?:[:：]|$|temporaria)|fuori (?:sede|ufficio)|assente\b",
    r"afwezig|niet aanwezig|franvaro|fravær|ikke til stede|ikke pa kontoret|poissa\b|poza biurem|nieobecnosc|mimo kancelar"
    r"|nepritomnost|вне офиса|부재 ?중",
)
"""How such answers may begin their subject; people write so as well."""
ITSELF = (
    r"(?:please note:? (?:that )?)?this is an? (?:auto|automatic|automated|auto-?generated|automatically generated)[- ]?"
    r"(?:reply|response|message|e-?mail|answer|notification)\b(?! (?:(?:that )?(?:you|we|i)|to (?:say|tell))\b)"
    r"|this (?:e-?mail|message|reply|response) (?:was|is|has been) (?:automatically (?:sent|generated|created)"
    r"|(?:sent|generated|created) automatically)\b"
    r"|(?:please )?do not (?:reply|respond)(?: to this (?:automat\w{1,6} )?(?:e-?mail|message))?(?:[.!]?$|,? as )",
    r"(?:dies ist|es handelt sich um|das ist) eine automatisch\w{0,2} (?:(?:generierte|erstellte|versendete|erzeugte) )?"
    r"(?:antwort|nachricht|e-?mail|mail|abwesenheit)"
    r"|diese (?:e-?mail|mail|nachricht|antwort) (?:wurde|ist|wird) automatisch (?:generiert|erstellt|erzeugt|versendet|gesendet|verschickt)",
    r"ceci est (?:une? )?(?:message|reponse|courriel|e-?mail|mail) (?:automatique|genere)"
    r"|ce (?:message|e-?mail|courriel) (?:est|a ete) (?:genere|envoye) (?:automatiquement|de facon automatique)",
    r"est[ea] (?:es|e) una? (?:mensaje|respuesta|correo|mensagem|resposta|e-?mail) automatic"
    r"|este (?:mensaje|correo) (?:se )?(?:ha sido|fue|ha) (?:generado|enviado) (?:automatica|de forma a)"
    r"|esta (?:mensagem|resposta) foi (?:gerad|enviad)a automatica",
    r"quest[oa] e una? ?(?:messaggio|risposta|e-?mail) automatic"
    r"|quest[oa] (?:messaggio|e-?mail) e stat[oa] (?:generat|inviat)[oa] automaticamente",
    r"dit is een automatisch (?:antwoord|bericht)|det(?:ta|te) (?:ar|er) (?:ett?|en) (?:automatisk|autogenerer)\w{0,3} (?:svar|med+elan|melding|besked)",
    r"to (?:jest )?automatyczna (?:odpowiedz|wiadomosc)|ta wiadomosc zostala (?:wygenerowana|wyslana) automatycznie",
    r"toto je automatick|tama on automaattinen|это автоматическ|ez egy automatikus|acesta este un (?:mesaj|raspuns) automat",
    r"(?:これは|この|本)(?:メール|メッセージ)?.{0,20}自動(?:返信|応答|送信|配信)|(?:这是|此|本).{0,10}自动(?:回复|答复|发送)"
    r"|(?:이|본) ?(?:메일|메시지|이메일).{0,10}자동(?:으로)? ?(?:발송|응답|회신|답장)",
)
"""How they say what they are, at the beginning of a sentence."""
LEFT = (
    r"\b(?:no longer|not) (?:with|work(?:s|ing)?|employed|handl(?:es|ing)|available|monitored|in use|active)\b"
    r"|^(?:please )?(?:contact|write to|direct your|forward your)\b",
    r"\bnicht mehr (?:bei|fur|im|tatig|verfugbar|aktiv|gelesen)\b|\blese meine (?:e-?)?mails?\b",
    r"\bne (?:fait|travaille) plus\b|\bya no (?:trabaja|forma)\b|\bnon lavora piu\b",
)
"""What is said of an address that nobody reads: only where the letter says what it is."""
GREETINGS = (
    r"^(?:hello|hi|dear|hey|greetings|good (?:morning|day|afternoon|evening)|hallo|guten|liebe|sehr geehrte|bonjour|madame"
    r"|cher|hola|buen|estimad|ciao|buon|gentile|salve|ola|prezad|bom dia|beste|geachte|goede|dzien dobry|szanown|witam"
    r"|hej|hei|god|kære|dobry|vazen|tisztelt|buna|stimat|merhaba|sayın|здравств|добрый|уважаем|안녕|您好|你好|お世話)"
)
AWAY = (
    r"\b(?:i am|i'm|i will be|i'll be|i shall be|we are|(?:our|the) offices? (?:is|are|will be)|currently)\b.{0,50}"
    r"\b(?:out of (?:the |my )?office|away from (?:the|my) (?:office|desk)|on (?:\w{1,9} )?leave|away until"
    r"|on (?:a |my )?(?:\w{1,9} )?(?:vacation|holidays?|business trip)|not in the office|travell?ing|closed)\b"
    r"|^(?:currently )?out of (?:the )?office",
    r"\b(?:bin|sind|befinde)\b.{0,60}\b(?:nicht (?:im|in meinem|in unserem) (?:b(?:u|ue)ro|haus|office)|ausser haus"
    r"|im (?:\w{1,9})?urlaub|abwesend|in elternzeit|(?:nicht|nur eingeschrankt) erreichbar|auf (?:dienst|geschafts)reise)",
    r"\b(?:je (?:suis|serai)|nous sommes)\b.{0,50}\b(?:absente?s?|en (?:conges?|vacances|deplacement)|hors du bureau)\b"
    r"|^(?:actuellement )?absente?\b",
    r"\b(?:estoy|estare|me encuentro|estamos)\b.{0,50}\b(?:fuera de (?:la )?oficina|de vacaciones|ausente|de viaje|de baja)\b",
    r"\b(?:sono|saro|siamo)\b.{0,50}\b(?:fuori (?:ufficio|sede)|in ferie|assent[ei]|in congedo)\b",
    r"\b(?:estou|estarei|encontro-me)\b.{0,50}\b(?:fora do escritorio|de ferias|ausente|em viagem|de licenca)\b",
    r"\b(?:ben|zijn)\b.{0,50}\b(?:niet (?:op kantoor|aanwezig|bereikbaar)|afwezig|(?:met|op) (?:vakantie|verlof))\b",
    r"\b(?:jestem|bede|przebywam)\b.{0,50}\b(?:poza biurem|na urlopie|nieobecn\w{1,3}|na zwolnieniu|nieosiagaln)",
    r"\b(?:jag (?:ar|kommer)|jeg (?:er|kommer)|ar jag|er jeg)\b.{0,50}\b(?:pa (?:semester|ferie)|tjanstledig|bort(?:a|rest|e)"
    r"|(?:inte|ikke) (?:pa kontoret|til stede)|foraldraledig|ute av kontoret|fraværende)",
    r"\bolen\b.{0,50}\b(?:lomalla|poissa|vuosilomalla)|\b(?:jsem|budu|som|budem)\b.{0,50}\b(?:mimo kancelar|na dovolen|nepritom)",
    r"\b(?:szabadsagon|irodan kivul)\b|\b(?:sunt|voi fi)\b.{0,50}\b(?:in concediu|plecat|absent)|\b(?:ofis dısında|izinde)",
    r"(?:нахожусь|перебуваю|буду|сейчас).{0,50}(?:в отпуск|вне офиса|командировк|у відпустці)|меня (?:нет|не будет)|отсутству",
    r"不在(?:に|と|の|です|し)|休暇(?:中|を(?:取得|いた))|休業(?:中|と|いた)|不在(?:办公室|辦公室)|休假(?:中|期间)|外出(?:中|期间)"
    r"|正在(?:休假|出差)|부재 ?중|휴가 ?중|자리를 비",
)
BESIDES = (
    r"\b(?:limited|no|intermittent|without|little|sporadic|not have) (?:regular )?(?:access|e-?mail)|not (?:be )?(?:forwarded|monitored)"
    r"|\b(?:respond|reply|answer|get back|be in touch)\b.{0,60}\b(?:return|am back|are back|soon|as quickly)"
    r"|\b(?:urgent|urgency|immediate|emergency|assistance|(?:in|during) my absence|meantime)\b.{0,60}\b(?:contact|call|reach|write|e-?mail)"
    r"|\b(?:contact|call|reach out|e-?mail)\b.{0,80}\b(?:urgent|in my absence|meantime|immediate)"
    r"|\b(?:will|i'll|we'll) (?:be back|return|be returning|be in the office|reopen)|\b(?:back in the office|returning) on\b",
    r"zugriff auf|(?:dringend|wichtig|eilig)\w{0,2} (?:fall|angelegenheit|anliegen|anfrage)|wenden sie sich|kontaktieren sie"
    r"|vertret(?:ung|en|er)|vertritt mich|weitergeleitet|meiner (?:ruckkehr|abwesenheit)|wieder (?:im|fur sie|erreichbar|da|zuruck)",
    r"acces (?:limite|restreint)|en cas d.urgence|pour toute (?:urgence|demande)|a mon retour|de retour le|(?:pendant|en|durant) mon absence",
    r"acceso limitado|(?:caso|asunto|tema)s? (?:de urgencia|urgente)|a mi (?:regreso|vuelta)|mi ausencia|(?:regresar|volver)e\b",
    r"accesso limitato|in caso di (?:urgenz|necessita)|per (?:urgenze|questioni urgenti)|al mio (?:rientro|ritorno)|mia assenza|rientrero",
    r"acesso limitado|(?:caso|assunto)s? (?:de urgencia|urgente)|meu (?:regresso|retorno)|minha ausencia|(?:retorn|regress|volt)arei",
    r"beperkte? (?:toegang|bereikbaar)|(?:dringende|spoedeisende|urgente) (?:zaken|vragen|gevallen)|mijn (?:afwezigheid|terugkeer|vakantie)"
    r"|weer (?:aanwezig|terug|bereikbaar|op kantoor)",
    r"ograniczony\w{0,2} dostep|(?:piln|nagl)ych (?:spraw|przypadk)|po (?:moim )?powrocie|mojej nieobecnosc|(?:wracam|wroce|bede dostepn)",
    r"begrans(?:ad|at)|begrens(?:et|a)|begrænset|(?:bradskande|akuta|presserende|hastende|haster)|(?:tillbaka|tilbake|tilbage) (?:pa|den|i|fra)",
    r"kiireellis|palaan|palattua|omezen\w{1,2} pristup|(?:nalehav|urgentn)\w{1,3} pripad|navratu|nepritomnosti|surgos|visszater"
    r"|cazuri? urgent|intoarcere|acil (?:durum|konu)|dondugumde",
    r"ограниченн\w{2,3} доступ|(?:срочн|неотложн|термінов)|возвращени|вернусь|повернуся",
    r"緊急|お急ぎ|戻り次第|以降(?:に|の)?(?:ご)?(?:連絡|返信|対応)|(?:紧急|如有急事|返回后|回来后|回来後)|긴급|급한|복귀",
)
"""What else such an answer says: until when, who helps meanwhile, that nobody reads the mail."""
THANKS = (
    r"^(?:many )?thank(?:s| you)(?: very much)? for (?:your|contacting|reaching|writing|getting)",
    r"^(?:vielen |herzlichen )?dank (?:fur|fuer) (?:ihre|deine|eure)|^(?:je vous remercie|nous vous remercions|merci) (?:de|pour) votre",
    r"^(?:muchas )?gracias por (?:su|tu|contactar)|^grazie per (?:la (?:tua|sua|vostra)|averci)|^(?:muito )?obrigad[oa] pel[oa]",
    r"^(?:hartelijk )?(?:dank|bedankt) voor (?:uw|je)|^dziekuje(?:my)? za|^tack for (?:ditt|din)|^tak(?:k)? for (?:din|dit)|^kiitos",
    r"^dekuj[ie] (?:za|vam)|^koszon|^va multumi|^спасибо за|^(?:メール|ご連絡|お問い合わせ).{0,20}ありがとう|^感谢您?的|^감사",
)
"""Politeness that says nothing."""
RECEIVED = (
    r"\bwe(?: have|'ve)? (?:successfully )?(?:received|got|registered|logged) (?:your|the following)"
    r"|\byour (?:\w{1,12} )?(?:ticket|case|request|inquiry|enquiry|message|e-?mail|question|issue)\b.{0,30}"
    r"\b(?:(?:has|have) been|was|is) (?:now |successfully )?(?:received|created|opened|logged|registered|submitted)"
    r"|\b(?:ticket|case|request) (?:[^ ]{0,20} )?(?:has been|was) (?:created|opened|received|logged|registered)",
    r"\bwir haben ihre? .{0,30}erhalten|\bihre? (?:anfrage|nachricht|e-?mail|mail|ticket)\b.{0,40}(?:eingegangen|erstellt|angelegt|erfasst)"
    r"|\b(?:ticket|anfrage|vorgang)\b.{0,20}wurde .{0,20}(?:erstellt|angelegt|eroffnet)",
    r"\bnous avons bien recu votre|\bvotre (?:demande|message|ticket)\b.{0,20}a (?:bien )?ete (?:recue?|enregistree?|creee?)",
    r"\bhemos recibido (?:su|tu)\b|\bse ha (?:creado|registrado)\b|\babbiamo ricevuto la (?:tua|sua|vostra)|\brecebemos (?:a |o )?(?:sua|seu)",
    r"\b(?:we|wij) hebben (?:uw|je|jouw) .{0,20}ontvangen|\botrzymalismy|\bzostalo (?:zarejestrowane|przyjete)",
    r"\bvi har (?:mottagit|modtaget|mottatt|fatt)|\bмы получили ваш|受け付け(?:ました|いたしました)|已收到您的|접수되었",
)
"""How a help desk says that a letter came in."""
PROMISES = (
    r"\b(?:will|'ll|shall) (?:\w{1,8} )?(?:get back|respond|reply|answer|be in touch|contact you|review|follow up|look into)"
    r"|\b(?:get back to|be in touch with) you\b|\bto add (?:\w{1,12} )?comments|\breply to this (?:e-?mail|message)"
    r"|\b(?:ticket|case|request|reference)(?: (?:id|number|no))?\.? ?(?:is|:|#)",
    r"\b(?:melden uns|kummern uns|setzen uns|bearbeiten)\b|\bnous (?:reviendrons|vous repondrons|traitons)"
    r"|\b(?:le|te) responderemos|\bnos pondremos|\bti risponderemo|\bla ricontatteremo|\bentraremos em contato|\bnemen .{0,30}contact",
    r"\b(?:skontaktujemy|odpowiemy)|\baterkommer|\bvender tilbage|\bответим|\bсвяжемся|ご連絡いたします|尽快(?:回复|处理|与您)",
)
FAREWELLS = (
    r"^(?:(?:best|kind|warm|with (?:best|kind)|many) )?(?:regards|wishes)\b|^(?:best|cheers|sincerely|yours)\b|^(?:your|ihr|euer|dein|votre|the) .{0,25}"
    r"(?:team|support|service)$|^(?:mit )?(?:freundlich|best|viel|lieb|herzlich|schon)\w{0,3} gru|^(?:gruss|grusse|mfg|lg|vg)\b"
    r"|^(?:bien )?cordialement|^salutations|^saludos|^(?:un )?cordial saludo|^atentamente|^(?:cordiali|distinti) saluti|^saluti"
    r"|^(?:atenciosamente|cumprimentos|obrigad[oa]$)|^(?:met )?(?:vriendelijke )?groet|^(?:z )?(?:powazaniem|pozdraw)"
    r"|^(?:med )?(?:vanliga? |venlig |vennlig )?(?:halsning|hilsen)|^mvh\b|^(?:ystavallisin )?terveisin|^с уважением|^s pozdravem|^udvozlettel"
)
FOOTERS = (
    r"\b(?:scanned|checked) (?:for|by)\b.{0,40}\b(?:virus|malware|antivirus)|\bautomatically (?:scanned|encrypted|archived)\b"
    r"|\bauf viren (?:gepruft|uberpruft)|\bintended (?:recipient|solely|only)\b|\bthis (?:e-?mail|message)\b.{0,60}\bconfidential"
    r"|\bdiese (?:e-?mail|nachricht)\b.{0,60}\bvertraulich|\bregistered (?:office|in|address)\b|\bbefore (?:you print|printing)\b"
    r"|\b(?:sitz der gesellschaft|amtsgericht|handelsregister|geschaftsfuhr|hrb|ust-?id)\b|\bsiege social\b|\bdomicilio social\b",
)
"""What companies have put below all their mail."""
PARTS = (
    r"[,;:()–—]|(?:(?<=\s)(?:e|y)(?=\s))|\b(?:and|but|however|though|otherwise|und|aber|jedoch|sonst|ansonsten|et|mais|toutefois|sinon|pero|ma|mas"
    r"|porem|maar|men|ale|jednak|mutta|azonban|och|og|но|однако|и)\b|ですが|けれど|但是?|하지만"
)
"""Where another statement may begin within a sentence."""
ANEW = (
    r"(?:i|i'm|i'll|we|we're|we'll|he|she|they|you|it|this|that|will|am|have|has|would|can|please|then|so|ich|wir|er|sie|es|bitte|werde"
    r"|je|nous|il|elle|on|yo|nosotros|nos|io|noi|eu|ik|wij|we|hij|jag|jeg|vi|han|hon|prosze|я|мы"
    r"|mon|tues|wednes|thurs|fri|satur|sun|montag|dienstag|mittwoch|donnerstag|freitag|yes|no|ja|nein|oui|non|si)(?:day)?\b(?! until)"
)
"""How one begins that is more than a name, a date or an address."""
LEADS = (
    r"(?:(?:in|for) (?:case of |any )?(?:urgent|emergenc|immediate|the meantime|my absence)|(?:if|should) .{0,20}urgent|meanwhile"
    r"|(?:please |kindly )?(?:contact|call|reach|write to|e-?mail) [^ ]+(?: [^ ]+){0,2}$|until |on (?:\d|mon|tue|wed|thu|fri|sat|sun)"
    r"|in (?:sehr )?dringend|bei dringend|wahrend meiner|bitte (?:an )?[^ ]+(?: [^ ]+){0,2}$|en cas d|pour toute|merci de contacter"
    r"|(?:en |para )?(?:caso|asunto)s? |contacte |per |in caso|em caso|voor (?:dringend|spoed)|w pilnych|vid |ved |по срочн)"
)
"""How a part of a sentence begins that only says when, or whom to ask."""
LATER = r"\b(?:from|starting|as of|ab|vanaf|a partir|a partire|dal|desde|od)\b(?! (?:my|the) (?:desk|office))"
UNTIL = r"\b(?:to|until|till|through|bis|jusqu\w{0,2}|au|hasta|al|fino|ate|tot|do)\b"
MATTERS = (
    r"\b(?:about|regarding|concerning|wegen|bezuglich|betreffend|hinsichtlich|concernant|au sujet|sobre|acerca|riguardo"
    r"|in merito|betreffende|aangaande|w sprawie|gallande|vedrørende|angående)\b|по поводу|の件|关于|關於"
    r"|\b(?:renew|cancel|contract|sign(?:ed|ing)?\b|invoice|quot(?:e|ation)\b|pric(?:e|ing)\b|budget|proposal|offer\b|deal\b|agreement"
    r"|unsubscribe|approv|decid|purchase|order\b|legal\b|demo\b|meeting|reschedul)",
    r"\b(?:kundig|vertrag|verlanger|angebot|rechnung|unterschr|termin\b|bestell|besprech|resili|renouvel|contrat|facture|devis"
    r"|reunion|renov|cancel|contrato|factura|fatura|presupuesto|orcamento|contratt|fattura|disdett|preventivo|rinnov"
    r"|opzeg|offerte|factuur|verleng|umow|faktur|ofert|wypowied|avtal|uppsag|aftale|opsig)|договор|счет|契約|合同|合约|계약",
)
"""What the two of us have to do with one another: machines speak of nothing in particular."""
PERSONAL = (
    r"^(?:yes|no|yep|ok|okay|sure|thanks|great|fine|ja|nein|gern|oui|non|si|vale|certo|sim|nao|tak|nie|da|да|нет)(?:[,.!]|$)",
    r"^(?:sounds|agreed|approved|perfect|works for|go ahead|no problem|passt|einverstanden|perfekt|d'accord|parfait|entendu"
    r"|perfecto|de acuerdo|va bene|perfetto|combinado|akkoord|prima|zgoda|jasne|はい|いいえ|承知|好的|没问题|네|예,)",
    r"\b(?:let us|let's|yesterday|gestern|your (?:\w{1,9} )?(?:points|ideas|slides)|the rest|der rest)\b",
    r"\b(?:next week|next month|tomorrow|nachste woche|naechste woche|la semaine prochaine|demain|la proxima semana|manana"
    r"|la prossima settimana|domani|na proxima semana|amanha|volgende week|w przyszlym tygodniu|jutro|nasta vecka|næste uge|neste uke)\b"
    r"|来週|下周|明天|다음 ?주",
)
"""An answer to what was asked, or a day as it is told from person to person: machines name a date."""
