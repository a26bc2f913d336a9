//! What is known of languages without learning: the words that hold their sentences together, and their rare letters.

use std::collections::HashMap;
use std::sync::LazyLock;

use whatlang::Lang;

/// The words that hold a language's sentences together, with the spellings of people who leave accents out.
const FUNCTION_WORDS: &[(Lang, &str)] = &[
    (
        Lang::Eng,
        "the a an and or but of to in on at for with from by as is are was were be been am i you he she it we they my your his her its our their me him us them this that \
         these those not no do does did don't doesn't didn't can can't could would will won't should have has had what when where why how who which there here if then \
         than so very please thanks thank hello hi i'm it's i've i'd that's you're isn't wasn't just still also about after before any some all more get got want need \
         because only never again now too out up over into been let's let us tom's keep keeps go going come came said say says think know like make take see look \
         one two time day man people really always every much many old new good other off down day must may might shall such own same he's she's they're we're what's \
         there's someone somebody something anyone anything everyone everybody everything nothing nobody give gave back last month year week today yesterday \
         tomorrow where's who's i'll we'll you'll it'll we've you've they've made make stop buy bought read love through between much yourself myself \
         couldn't shouldn't haven't hasn't hadn't aren't weren't working work stopped help order refund broken",
    ),
    (
        Lang::Fra,
        "le la les l' un une des du de d' et ou mais à au aux a en dans sur pour par avec sans chez est sont était etait ai as avons avez ont suis es sommes êtes etes été \
         ete je j' tu il elle on nous vous ils elles me m' te se s' mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce cet cette ces c' ça ca ne n' pas \
         plus que qu' qui quoi où comment pourquoi quand combien si très tres bien bonjour merci svp voici voilà voila toujours jamais aussi encore depuis déjà deja \
         tout tous toute toutes rien fait faire peut peux pouvez veux voulez y même meme comme être etre cela donc car après apres avant cette t' moi toi lui soi eux où ou était étais suis fut avait avais aurait serait sera sommes peu trop jour temps homme femme \
         vont va vas vais allé aller chose celui celle ceux dont vers entre sous contre ni soit autre autres",
    ),
    (
        Lang::Deu,
        "der die das den dem des ein eine einen einem einer und oder aber nicht kein keine ist sind war waren bin hat habe haben hatte ich du er sie es wir ihr mich mir \
         dich dir ihn ihm uns euch mein meine dein sein seine ihre unser zu zum zur im in am an auf aus bei mit nach von vom für über unter vor wie was wer wo warum wann \
         wenn dass weil auch noch schon nur sehr so hier dort kann kannst will werden wird wurde sich man als mehr immer nie etwas nichts alles hast",
    ),
    (
        Lang::Spa,
        "el la los las un una unos unas de del y o pero en con por para sin sobre a al es son era está están estoy soy eres fue ser he ha han hay yo tú tu él ella nosotros \
         ellos ellas usted ustedes me te se le lo les nos mi mis su sus este esta esto ese esa eso no sí si que qué quien cómo dónde cuándo porque muy más también ya \
         todo todos nada algo como cuando donde tiene tengo hola gracias puede puedo quiero hacer",
    ),
    (
        Lang::Ita,
        "il lo la i gli le un uno una di del della dei delle degli e o ma in nel nella con per da dal dalla su sul a al alla ai è sono era ho hai ha abbiamo hanno io tu lui \
         lei noi voi loro mi ti si ci vi mio mia tuo suo sua questo questa quello quella non che chi cosa come dove quando perché più molto anche già tutto tutti niente \
         se ne essere stato fatto fare sei siamo può posso voglio ciao grazie c'è",
    ),
    (
        Lang::Por,
        "o a os as um uma uns umas de do da dos das e ou mas em no na nos nas com por para pelo pela sem sobre ao à é são era está estão estou sou foi ser tem tenho há eu \
         tu você vocês ele ela nós eles elas me te se lhe meu minha seu sua este esta isto esse essa isso não sim que quem como onde quando porque muito mais também já \
         tudo todos nada algo fazer pode posso quero obrigado olá",
    ),
    (
        Lang::Nld,
        "de het een en of maar van in op aan met voor door bij uit naar te om is zijn was waren ben bent heb hebt heeft hebben had ik jij je u hij zij ze wij we jullie mij \
         me jou hem haar ons hun mijn jouw uw dit dat deze die niet geen er wat wie waar hoe waarom wanneer als dan ook nog al zo heel veel meer kan kun wil moet zal \
         zou worden wordt werd deed doen over onder hier daar nooit altijd iets niets",
    ),
    (
        Lang::Swe,
        "jag du han hon det den vi ni de mig dig honom henne oss er dem min mitt din ditt sin sitt hans hennes vår en ett och eller men att i på till för med av från om är \
         var har hade inte ingen inget som vad vem när hur varför här där kan ska skulle vill måste mycket mer också bara nu så blev bli blir någon något alla allt \
         aldrig alltid vill gör göra efter utan",
    ),
    (
        Lang::Dan,
        "jeg du han hun det den vi i de mig dig ham hende os jer dem min mit din dit sin sit hans hendes vores en et og eller men at på til for med af fra om er var har \
         havde ikke ingen intet som hvad hvem hvor hvornår hvordan hvorfor her der kan skal skulle vil må meget mere også bare nu så blev blive bliver nogen noget alle \
         alt aldrig altid gør gøre efter uden lige",
    ),
    (
        Lang::Nob,
        "jeg du han hun det den vi dere de meg deg ham henne oss dem min mitt din ditt sin sitt hans hennes vår en et ei og eller men at å på til for med av fra om er var \
         har hadde ikke ingen noe som hva hvem hvor når hvordan hvorfor her der kan skal skulle vil må mye mer også bare nå så ble bli blir noen alle alt aldri alltid \
         gjør gjøre etter uten",
    ),
    (
        Lang::Fin,
        "minä sinä hän se me te he minun sinun hänen sen meidän minua sinua minulla sinulla hänellä on ei en et emme ole oli olen olet ovat olisi ja tai mutta että kun jos \
         niin kuin mitä mikä kuka missä miksi miten milloin tämä tuo nämä joka vain myös jo vielä nyt hyvin paljon kaikki mitään koskaan aina voi voin voit pitää täytyy \
         kanssa sitä tätä siitä siellä täällä",
    ),
    (
        Lang::Pol,
        "i a w z na do od po za przez przy o u nie jest są był była było być mam masz ma mamy ja ty on ona ono my wy oni mnie mi ci cię go ją nas was ich mój moja twój jego \
         jej ten ta to te co kto gdzie kiedy dlaczego jak czy że się bardzo więcej też już tylko jeszcze tu tam tak może mogę chcę wszystko nic nigdy zawsze dla ale lub \
         jestem jesteś są",
    ),
    (
        Lang::Ces,
        "a i v ve s se z ze na do od po za pro při o u k ne není je jsou byl byla bylo být mám máš má já ty on ona ono my vy oni mě mi ti tě ho ji nás vás jejich můj moje \
         tvůj jeho její ten ta to co kdo kde kdy proč jak že si velmi více také už jen ještě tady tam tak může můžu chci všechno nic nikdy vždy ale nebo jsem jsi jsme \
         jste aby",
    ),
    (
        Lang::Ron,
        "și si sau dar în in pe la cu de din pentru fără prin este e sunt era am ai are avem au fost fi eu tu el ea noi voi ei ele mă te se îl o ne vă mi ți îi meu mea \
         tău său lui lor acest această asta acel nu da ce cine unde când cum că să dacă foarte mai și doar acum aici acolo tot toate nimic niciodată un una unei niște \
         poate pot vreau sa ca",
    ),
    (
        Lang::Hun,
        "a az egy és vagy de hogy nem is van vannak volt lesz én te ő mi ti ők engem téged őt minket nekem neked neki ez azt ezt ki mit hol mikor miért hogyan ha csak már \
         még itt ott nagyon több meg el fel le be kell lehet tud tudom akar akarok minden semmi soha mindig mint vagyok vagy kérem köszönöm olyan",
    ),
    (
        Lang::Tur,
        "bir ve veya ama bu şu o ben sen biz siz onlar benim senin onun bizim sizin bana sana ona beni seni onu de da mi mı mu mü ne kim nerede zaman neden nasıl değil var \
         yok için ile gibi kadar çok daha en her şey hiç bile sadece şimdi burada orada evet hayır ki ise olarak oldu olan iyi",
    ),
    (
        Lang::Ind,
        "saya aku kamu anda dia kami kita mereka ini itu yang dan atau tetapi tapi di ke dari untuk dengan pada oleh adalah tidak bukan belum sudah telah akan sedang bisa \
         dapat harus ingin apa siapa mana kapan mengapa kenapa bagaimana ada sangat lebih juga hanya sekarang sini sana semua seorang sebuah orang jika kalau nya jangan",
    ),
    (
        Lang::Vie,
        "tôi bạn anh chị em nó chúng họ ta là và hoặc nhưng của trong trên ở với cho từ đến không có đã đang sẽ được bị này đó kia gì ai đâu khi sao thế nào rất hơn cũng \
         chỉ bây giờ đây một các những người cái con phải muốn thể làm đi rồi nếu thì mà",
    ),
    (
        Lang::Cat,
        "el la els les un una uns unes de del dels i o però en amb per a al als és són era està estan estic sóc ets va ser he ha han hi jo tu ell ella nosaltres ells em et \
         es li ho ens us meu meva seu seva aquest aquesta això aquell no sí que què qui com on quan perquè molt més també ja tot tots res alguna vaig vas van fer pot \
         vull tinc té l' d' s' n' m' t'",
    ),
    (
        Lang::Bul,
        "съм си е са сме сте беше бях бяха ще да не на за от с със в във и или но че как какво къде кога защо кой аз ти той тя то ние вие те ме го му я ни ви ги им мой моя \
         твоя този тази това тези много повече само вече още няма има може искам трябва ли се един една до по при като ако",
    ),
    (
        Lang::Rus,
        "я ты он она оно мы вы они меня тебя его её нас вас их мне тебе ему ей нам вам им мой моя твой это этот эта эти то что кто где когда почему как не ни и или но а в во \
         на с со к ко у о об от до из за по для без был была было были есть нет да бы же ли уже ещё только очень все всё всегда никогда может могу хочу нужно чтобы если \
         мы себя",
    ),
    (
        Lang::Ukr,
        "я ти він вона воно ми ви вони мене тебе його її нас вас їх мені тобі йому їй нам вам їм мій моя твій це цей ця ці те що хто де коли чому як не ні і й та або але а в \
         у на з із зі до від за по для без про був була було були є немає так би же чи вже ще тільки дуже все завжди ніколи може можу хочу треба щоб якщо",
    ),
];

/// Letters that, among the languages here, only this one uses, or nearly so.
pub(super) const LETTERS: &[(Lang, &str)] = &[
    (Lang::Deu, "ß"),
    (Lang::Spa, "ñ¿¡"),
    (Lang::Por, "ãõ"),
    (Lang::Pol, "łżźśćńąę"),
    (Lang::Ces, "řěůčžšďťň"),
    (Lang::Ron, "țșţă"),
    (Lang::Hun, "őű"),
    (Lang::Tur, "ğışİ"),
    (Lang::Fra, "œêûîëç"),
    (Lang::Vie, "ảạấầẩẫậắằẳẵặẻẽẹếềểễệỉịỏọốồổỗộớờởỡợủụứừửữựỳỷỹỵơưđ"),
    (Lang::Ukr, "їієґ"),
    (Lang::Rus, "ыэё"),
    (Lang::Bul, "ъ"),
    (Lang::Cat, "·"),
];

/// The function words with the languages that have them: a word counts the less, the more languages share it.
pub(super) static WORDS: LazyLock<HashMap<&'static str, Vec<Lang>>> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Vec<Lang>> = HashMap::new();
    for (lang, list) in FUNCTION_WORDS {
        for word in list.split_whitespace() {
            let langs = words.entry(word).or_default();
            if !langs.contains(lang) {
                langs.push(*lang);
            }
        }
    }
    words
});
